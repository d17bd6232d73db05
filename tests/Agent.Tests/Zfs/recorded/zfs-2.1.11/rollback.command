LC_ALL=C TZ=UTC zfs rollback tank/empty@2
