LC_ALL=C rsync -a --stats --no-human-readable --outbuf=L --info=progress2,del1,nonreg1 --timeout=300 --contimeout=2 -- web1.example::nopath/ /srv/dst/
