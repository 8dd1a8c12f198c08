"""The screens of the CRM's functions: one file for each module, its `SCREENS` by key."""
