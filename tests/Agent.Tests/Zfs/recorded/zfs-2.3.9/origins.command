LC_ALL=C TZ=UTC zfs list -H -p -t filesystem,volume -o name,origin,fleet:policy,fleet:run -r tank
