"""What a campaign needs: audience, recipients, texts, gateway, calendar, figures."""
