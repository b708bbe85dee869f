"""A past telephone campaign of a real bank (UCI Bank Marketing): its prospects and the one call made to each."""
