"""From bytes to records: containers, encodings, text tables, JSON, workbooks, Parquet."""
