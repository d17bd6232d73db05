LC_ALL=C TZ=UTC zfs receive -s -u tank/copy <third
