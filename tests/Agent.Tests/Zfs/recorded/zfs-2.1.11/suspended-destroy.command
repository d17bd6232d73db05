LC_ALL=C TZ=UTC zfs destroy -p -v stuck@1
