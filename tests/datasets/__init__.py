"""Tests of the course data."""
