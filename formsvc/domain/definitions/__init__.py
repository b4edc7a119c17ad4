"""Form definitions: schema, checks, compilation."""
