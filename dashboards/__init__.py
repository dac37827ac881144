"""What people see: boards defined once, as data and SQL, and the viewer that draws them.

`boards/` and `lists.py` say what there is, `queries/` holds the SQL, one file each, `words.py` the plain words,
`macros.py` the period and the chosen values. A panel more is an entry in a board and a query; a variable more is an
entry in `boards/__init__.py` and a line in `queries/parts/`. Only views of the database `boards` are read.
"""
