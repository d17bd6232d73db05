LC_ALL=C rsync -a --stats --no-human-readable --outbuf=L --info=progress2,del1,nonreg1 --delete-delay --max-delete=10000 --timeout=300 --contimeout=2 -- /srv/small/ web1.example::options/
