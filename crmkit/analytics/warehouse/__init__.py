"""A customer data warehouse on DuckDB: build it, load it, keep its history, ask it.

==============  ==============================================================================
`models`        star, snowflake and galaxy schema; keys and totals checked
`extracting`    extract and clean, with a report of what was read, dropped and changed
`loading`       append-only load with a fingerprint; ODS and snapshots beside it
`history`       slowly changing dimensions, type 1 and type 2; point-in-time lookup
`cube`          slice, dice, drill down, roll up, rotate; totals; granularity
`mart`          a data mart that draws on nothing but the warehouse
`engine`        one query over frames
==============  ==============================================================================

Terms after Inmon, *Building the Data Warehouse*, and Kimball and Ross, *The Data Warehouse
Toolkit*. Every function is pure: frames in, frames out, the database lives for one call.
"""
