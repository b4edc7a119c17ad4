"""The sample office: fictitious people, authorities, series and acts, on loopback only."""
