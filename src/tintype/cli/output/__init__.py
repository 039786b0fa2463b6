"""What commands print: tables, progress, text and JSON."""
