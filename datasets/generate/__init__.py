"""The program that wrote the course data: ``python -m datasets.generate`` from the repository root.

Its only source of chance is `datasets.generate.draws`, seeded by name, so that the same version
writes the same bytes on every machine. Modules in the order in which a shop comes to be:

spec        what a shop is: prices, rates, seasons, catalogue (tea, ceramics, electronics)
people      customers, from `regions` and names
season      the clock that runs fast in season
purchases   who buys when (BG/NBD) and for how much (gamma-gamma)
baskets     what lies in the basket
fulfilment  payment, dispatch, receipt, closing
aftersales  returns and refunds
marketing   campaigns, sends, surveys, tags
interactions, reviews, hotline, opportunities   what passes between shop and customers
plants      the facts planted on purpose
tables      the CSV files; exports and pools the other files; meta and dictionary describe them
"""
