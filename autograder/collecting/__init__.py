"""The parts of ``autograder.collect``: find hand-ins in what a teacher downloaded, copy them safely.

entries    one file as found, its name as its author wrote it
source     every file in the source, folder or archive, as one flat list
archives   zip archives as platforms and students make them
identity   whose is it? student id and name in a file or folder name
handins    files of one student that belong together
notebooks  which of them is the lab's notebook
exchange   nbgrader's own exchange directory
placing    copy into the class folder, all or nothing
"""
