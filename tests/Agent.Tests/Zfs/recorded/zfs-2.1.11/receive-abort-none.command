LC_ALL=C TZ=UTC zfs receive -A tank/empty
