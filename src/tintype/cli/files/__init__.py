"""Local files: finding originals, naming output folders, and writing renditions."""
