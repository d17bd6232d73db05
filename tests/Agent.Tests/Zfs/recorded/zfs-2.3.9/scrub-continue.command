LC_ALL=C TZ=UTC zpool scrub tank
