LC_ALL=C TZ=UTC zpool sync tank
