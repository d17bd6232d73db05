LC_ALL=C TZ=UTC zfs version
