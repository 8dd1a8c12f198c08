"""What a class's marks and hand-ins say to the teacher: items, mistakes, who is stuck, likeness.

Everything that computes is a pure function over plain data (shares of points, records, cells,
answers); `classroom` reads these from a class folder, `dashboard` and `commands` show them.
"""
