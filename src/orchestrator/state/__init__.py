"""What survives a crash: journals of runs in memory, in SQLite and in folders."""
