LC_ALL=C rsync -a -s --stats --no-human-readable --outbuf=L --info=progress2,del1,nonreg1 --timeout=300 --contimeout=30 --port=1 -- 127.0.0.1::m/ dst3/
