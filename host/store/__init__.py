"""What is kept on disk: one SQLite database with migrations, sound beside it, and the files that are exported."""
