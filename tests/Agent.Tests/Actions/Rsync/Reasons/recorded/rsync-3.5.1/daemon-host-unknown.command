LC_ALL=C rsync -a --stats --no-human-readable --outbuf=L --info=progress2,del1,nonreg1 --timeout=300 --contimeout=2 -- nosuch.invalid::data/ /srv/dst/
