"""The cell for a data lake where nothing can be installed: the kit's rules as Spark SQL."""
