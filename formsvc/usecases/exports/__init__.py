"""Lists of acts, cases and due items as sheets of a workbook."""
