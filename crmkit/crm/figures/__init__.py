"""What the functions count, from columns that are read once."""
