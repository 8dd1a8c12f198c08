"""The shop's file: its tables, connections, loading, migrations, and what the disk says."""
