"""Pages of registers (登记簿): lists, rows with history, editing, Excel."""
