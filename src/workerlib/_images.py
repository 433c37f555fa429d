"""What the vendor publishes about images; made by ``scripts/build_images.py``, read by :mod:`workerlib.images`."""
# ruff: noqa: E501

from __future__ import annotations

SOURCE = "https://github.com/upsun/meta: registry.json, composable.json, php_extensions.json"
DATE = "2026-08"

# name | kind | default endpoint | endpoints | least disk in MB | profile | versions supported | deprecated | retired | decommissioned
IMAGES = """\
chrome-headless|service||http||HIGH_CPU|120 113||95 91 86 84 83 81 80 73|
clickhouse|service||clickhouse clickhouse-http|256|HIGH_MEMORY|26.3 25.8|25.3 24.3 23.8||
dotnet|runtime||||HIGH_CPU|10.0 8.0||7.0 6.0 5.0 3.1 2.2 2.1 2.0|
elasticsearch|service|elasticsearch|elasticsearch|256|HIGH_MEMORY|7.10||7.9 7.7 7.6 7.5 7.2 6.8 6.5|5.4 5.2 2.4 1.7 1.4 0.90
elasticsearch-enterprise|service||elasticsearch|256|HIGH_MEMORY|9.3 8.19||7.17|8.5
elixir|runtime||||HIGH_CPU|1.20|1.19 1.18|1.15 1.14 1.13 1.12 1.11 1.10 1.9|
golang|runtime||||HIGH_CPU|1.26 1.25||1.24 1.23 1.22 1.21 1.20 1.19 1.18 1.17 1.16 1.15 1.14 1.13 1.12 1.11 1.10|1.9 1.8
gotenberg|service||http||HIGH_MEMORY|8|||
influxdb|service||influxdb|256|HIGH_MEMORY|3 2.7 2.3||2.2 2.0 1.8 1.7 1.3 1.2|
java|runtime||||HIGH_MEMORY|25 21 17||19 18 14 13 12 11 8|
kafka|service||kafka|512|HIGH_MEMORY|4.3 4.1||3.7 3.6 3.4 3.2 2.7 2.6 2.5 2.4 2.3 2.2 2.1|
mariadb|service|mysql|mysql|256|HIGH_MEMORY|12.3 11.8 11.4||11.2 11.0 10.11 10.6 10.5 10.4 10.3 10.2 10.1 10.0 5.5|
memcached|service|memcached|memcached||BALANCED|1.6||1.5 1.4|
mercure|service|mercure|mercure|256|BALANCED|0|||
mongodb|service||mongodb|512|HIGH_MEMORY|4.0||3.6 3.4 3.2 3.0|
mongodb-enterprise|service||mongodb|512|HIGH_MEMORY|7.0||6.0 5.0 4.4 4.2 4.0|
mysql|service|mysql|mysql|256|HIGH_MEMORY|12.3 11.8 11.4||11.2 11.0 10.11 10.6 10.5 10.4 10.3 10.2 10.1 10.0 5.5|
network-storage|service|||256|HIGH_MEMORY|1.0|2.0||
nodejs|runtime||||HIGH_CPU|26 24|22|20 18 16 8.9 6.10 6.9 6.8 6.6 6.3 6.2 4.7 4.6 4.5 4.4 4.3 4.2|0.12
opensearch|service|opensearch|opensearch|256|HIGH_MEMORY|3|2|1.2 1.1 1|
oracle-mysql|service||mysql mysqlx|256|HIGH_MEMORY|8.4||8.0 5.7|
php|runtime||||HIGH_CPU|8.5 8.4|8.3 8.2|8.1 8.0 7.4 7.3 7.2 7.1 7.0 5.6 5.5 5.4|
postgresql|service|postgresql|postgresql postgresql-replica|256|HIGH_MEMORY|18 17 16 15 14||13 12 11 10 9.6 9.5 9.3|
python|runtime||||HIGH_CPU|3.14 3.13|3.12 3.11 3.10|3.9 3.8 3.7 3.6 3.5 2.7|
rabbitmq|service|rabbitmq|rabbitmq|256|HIGH_MEMORY|4.3 4.2||4.1 4.0 3.13 3.12 3.11 3.10 3.9 3.8 3.7 3.6 3.5|
redis|service|redis|redis||BALANCED|8.8 8.0|7.2 6.2|7.0 6.0 5.0|4.0 3.2 3.0 2.8
ruby|runtime||||HIGH_CPU|4.0 3.4 3.3||3.2 3.1 3.0 2.7 2.6 2.5 2.4 2.3|
rust|runtime||||HIGH_CPU|1|||
solr|service|solr|solr|256|HIGH_MEMORY|10.0 9.9 9.6 9.4 9.2 9.1||9.0 8.11 8.0 7.7 7.6 6.6 6.3 4.10 3.6|
valkey|service|valkey|valkey||BALANCED|9.0 8.1 8.0|||
varnish|service|http|http http+stats||HIGH_MEMORY|9.0 6.0||7.6 7.3 7.2 7.1 6.3|5.2 5.1
vault-kms|service|||256|HIGH_MEMORY|1.12|||1.8 1.6
"""

# channel | status | runtime | its versions
CHANNELS = """\
26.05|supported|bun|1
26.05|supported|clojure|1
26.05|supported|elixir|1.20 1.19 1.18 1.17
26.05|supported|golang|1.26 1.25
26.05|supported|java|25 21
26.05|supported|nodejs|26 24 22
26.05|supported|perl|5
26.05|supported|php|8.5 8.4 8.3 8.2
26.05|supported|python|3.14 3.13 3.12
26.05|supported|ruby|4.0 3.4 3.3
26.05|supported|sbcl|2
25.11|retired|bun|1
25.11|retired|clojure|1
25.11|retired|elixir|1.19 1.18 1.17
25.11|retired|golang|1.25 1.24
25.11|retired|java|25 21
25.11|retired|nodejs|24 22 20
25.11|retired|perl|5
25.11|retired|php|8.5 8.4 8.3 8.2
25.11|retired|python|3.13 3.12 3.11
25.11|retired|ruby|4.0 3.4 3.3
25.11|retired|sbcl|2
25.05|retired||
24.11|retired||
24.05|retired||
"""

# version of PHP | extensions that can be enabled | that are enabled | that are always there
EXTENSIONS = """\
8.5|amqp apcu blackfire datadog-profiling enchant event ffi geoip gmp gnupg grpc http igbinary imagick imap ioncube ldap mailparse memcached mongodb msgpack newrelic oauth odbc opentelemetry pdo_dblib pdo_firebird pdo_odbc pdo_pgsql pdo_sqlsrv pgsql protobuf raphf rdkafka readline redis shmop snmp sodium sourceguardian ssh2 swoole sybase tideways tidy uuid xdebug xmlrpc xsl yaml|bcmath bz2 calendar ctype curl dba dom exif fileinfo ftp gd gettext iconv intl mbstring mysqli mysqlnd pdo pdo_mysql pdo_sqlite phar posix simplexml soap sockets sqlite3 sysvmsg sysvsem sysvshm tokenizer xml xmlreader xmlwriter zip|json opcache
8.4|amqp apcu blackfire datadog-profiling enchant event ffi geoip gmp gnupg grpc http igbinary imagick imap ioncube ldap mailparse memcached mongodb msgpack newrelic oauth odbc openswoole opentelemetry pdo_dblib pdo_firebird pdo_odbc pdo_pgsql pdo_sqlsrv pgsql protobuf raphf rdkafka readline redis shmop snmp sodium sourceguardian ssh2 swoole sybase tideways tidy uuid uv xdebug xmlrpc xsl yaml|bcmath bz2 calendar ctype curl dba dom exif fileinfo ftp gd gettext iconv intl mbstring mysqli mysqlnd pdo pdo_mysql pdo_sqlite phar posix simplexml soap sockets sqlite3 sysvmsg sysvsem sysvshm tokenizer xml xmlreader xmlwriter zip|json opcache
8.3|amqp apcu blackfire datadog-profiling enchant event ffi geoip gmp gnupg http igbinary imagick imap ioncube ldap mailparse memcached mongodb msgpack newrelic oauth odbc openswoole opentelemetry pdo_dblib pdo_firebird pdo_odbc pdo_pgsql pdo_sqlsrv pgsql protobuf pspell raphf rdkafka readline redis shmop snmp sodium sourceguardian sqlsrv ssh2 swoole sybase tideways tideways_xhprof tidy uuid uv xdebug xmlrpc xsl yaml|bcmath bz2 calendar ctype curl dba dom exif fileinfo ftp gd gettext iconv intl mbstring mysqli mysqlnd pdo pdo_mysql pdo_sqlite phar posix simplexml soap sockets sqlite3 sysvmsg sysvsem sysvshm tokenizer xml xmlreader xmlwriter zip|json opcache
8.2|amqp apcu blackfire datadog-profiling enchant event ffi geoip gmp gnupg http igbinary imagick imap interbase ioncube ldap mailparse memcached mongodb msgpack newrelic oauth odbc openswoole opentelemetry pdo_dblib pdo_firebird pdo_odbc pdo_pgsql pdo_sqlsrv pgsql protobuf pspell raphf rdkafka readline redis shmop snmp sodium sourceguardian sqlsrv ssh2 swoole sybase tideways tideways_xhprof tidy uuid xdebug xmlrpc xsl yaml|bcmath bz2 calendar ctype curl dba dom exif fileinfo ftp gd gettext iconv intl mbstring mysqli mysqlnd pdo pdo_mysql pdo_sqlite phar posix simplexml soap sockets sqlite3 sysvmsg sysvsem sysvshm tokenizer xml xmlreader xmlwriter zip|json opcache
8.1|amqp apcu blackfire enchant event ffi geoip gmp gnupg http igbinary imagick imap interbase ioncube ldap mailparse memcached mongodb msgpack newrelic oauth odbc pdo_dblib pdo_odbc pdo_pgsql pdo_sqlsrv pgsql protobuf pspell raphf rdkafka readline redis shmop snmp sodium sourceguardian sqlsrv ssh2 sybase tideways tideways_xhprof tidy uuid xdebug xmlrpc xsl yaml|bcmath bz2 calendar ctype curl dba dom exif fileinfo ftp gd gettext iconv intl mbstring mysqli mysqlnd pdo pdo_mysql pdo_sqlite phar posix simplexml soap sockets sqlite3 sysvmsg sysvsem sysvshm tokenizer xml xmlreader xmlwriter zip|json opcache
8.0|amqp apcu blackfire enchant event ffi geoip gmp gnupg http igbinary imagick imap interbase ldap mailparse memcached mongodb msgpack newrelic oauth odbc pdo_dblib pdo_odbc pdo_pgsql pdo_sqlsrv pgsql pspell raphf readline redis shmop snmp sodium sourceguardian sqlsrv ssh2 sybase tideways tideways_xhprof tidy uuid xdebug xmlrpc xsl yaml|bcmath bz2 calendar ctype curl dba dom exif fileinfo ftp gd gettext iconv intl mbstring mysqli mysqlnd pdo pdo_mysql pdo_sqlite phar posix simplexml soap sockets sqlite3 sysvmsg sysvsem sysvshm tokenizer xml xmlreader xmlwriter zip|json opcache
7.4|amqp apcu apcu_bc applepay blackfire enchant event ffi geoip gmp http igbinary imagick imap interbase ioncube ldap mailparse memcached mongodb msgpack newrelic oauth odbc pdo_dblib pdo_odbc pdo_pgsql pdo_sqlsrv pgsql propro pspell raphf readline redis shmop snmp sodium sourceguardian sqlsrv ssh2 sybase tideways tideways_xhprof tidy uuid xdebug xmlrpc xsl yaml|bcmath bz2 calendar ctype curl dba dom exif fileinfo ftp gd gettext iconv intl json mbstring mysqli mysqlnd pdo pdo_mysql pdo_sqlite phar posix simplexml soap sockets sqlite3 sysvmsg sysvsem sysvshm tokenizer xml xmlreader xmlwriter zip|opcache
7.3|amqp apcu apcu_bc applepay blackfire enchant event geoip gmp http igbinary imagick imap interbase ioncube ldap mailparse memcached mongodb msgpack newrelic oauth odbc pdo_dblib pdo_odbc pdo_pgsql pdo_sqlsrv pgsql propro pspell raphf readline recode redis shmop snmp sodium sourceguardian sqlsrv ssh2 sybase tideways tideways_xhprof tidy uuid wddx xdebug xmlrpc xsl yaml zbarcode|bcmath bz2 calendar ctype curl dba dom exif fileinfo ftp gd gettext iconv intl json mbstring mysqli mysqlnd pdo pdo_mysql pdo_sqlite phar posix simplexml soap sockets sqlite3 sysvmsg sysvsem sysvshm tokenizer xml xmlreader xmlwriter zip|opcache
7.2|amqp apcu apcu_bc blackfire enchant event geoip gmp igbinary imagick imap interbase ioncube ldap mailparse memcached mongodb msgpack newrelic oauth odbc pdo_dblib pdo_odbc pdo_pgsql pdo_sqlsrv pgsql pspell readline recode redis shmop snmp sodium sourceguardian sqlsrv ssh2 sybase tideways tideways_xhprof tidy uuid wddx xdebug xmlrpc xsl yaml zbarcode|bcmath bz2 calendar ctype curl dba dom exif fileinfo ftp gd gettext iconv intl json mbstring mysqli mysqlnd pdo pdo_mysql pdo_sqlite phar posix simplexml soap sockets sqlite3 sysvmsg sysvsem sysvshm tokenizer xml xmlreader xmlwriter zip|opcache
7.1|amqp apcu apcu_bc applepay blackfire enchant event geoip gmp igbinary imagick imap interbase ioncube ldap mailparse mcrypt memcached mongodb msgpack newrelic oauth odbc pdo_dblib pdo_firebird pdo_odbc pdo_pgsql pdo_sqlsrv pgsql pspell readline recode redis shmop snmp sourceguardian sqlsrv ssh2 sybase tideways tideways_xhprof tidy uuid wddx xdebug xmlrpc xsl yaml zbarcode|bcmath bz2 calendar ctype curl dba dom exif fileinfo ftp gd gettext iconv intl json mbstring mysqli mysqlnd pdo pdo_mysql pdo_sqlite phar posix simplexml soap sockets sqlite3 sysvmsg sysvsem sysvshm tokenizer xml xmlreader xmlwriter zip|opcache
7.0|amqp apcu apcu_bc applepay blackfire bz2 enchant geoip gmp igbinary imagick imap interbase ioncube ldap mailparse mcrypt memcached mongodb msgpack newrelic oauth odbc pdo_dblib pdo_firebird pdo_odbc pdo_pgsql pdo_sqlsrv pgsql pspell readline recode redis shmop snmp sourceguardian sqlsrv ssh2 sybase tideways tideways_xhprof tidy wddx xdebug xmlrpc xsl zbarcode|bcmath calendar ctype curl dba dom exif fileinfo ftp gd gettext iconv intl json mbstring mysqli mysqlnd pdo pdo_mysql pdo_sqlite phar posix simplexml soap sockets sqlite3 sysvmsg sysvsem sysvshm tokenizer xml xmlreader xmlwriter zip|opcache
5.6|apcu blackfire enchant gearman geoip gmp imagick imap interbase ldap memcache memcached mongo msgpack mssql newrelic odbc pdo_dblib pdo_firebird pdo_odbc pdo_pgsql pecl-http pgsql pinba propro pspell raphf readline recode redis snmp ssh2 tidy xdebug xhprof xmlrpc xsl|curl gd intl json mcrypt mysql mysqli mysqlnd pdo pdo_mysql pdo_sqlite sqlite3|opcache
5.5|apcu blackfire enchant gearman geoip gmp imagick imap interbase json ldap memcache memcached mongo mssql odbc pdo_dblib pdo_firebird pdo_odbc pdo_pgsql pecl-http pgsql pinba pspell readline recode redis snmp spplus ssh2 tidy xcache xdebug xhprof xmlrpc xsl|curl gd intl mcrypt mysql mysqli mysqlnd pdo pdo_mysql pdo_sqlite sqlite3|opcache
5.4|apc apcu blackfire enchant gearman geoip gmp http imagick imap interbase ldap memcache memcached mongo mssql odbc pdo_dblib pdo_firebird pdo_odbc pdo_pgsql pgsql pinba pspell readline recode redis snmp spplus ssh2 tidy xcache xdebug xhprof xmlrpc xsl|curl gd intl mcrypt mysql mysqli mysqlnd opcache pdo pdo_mysql pdo_sqlite sqlite3|
"""
