"""What the documentation takes from the code: tables, references, pictures. Start with `parts`."""
