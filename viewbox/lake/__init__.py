"""The Delta tables and nothing else: layout, writer, reader, compaction."""
