# Compiles everything; jars that come along in function/lib are on the class path.
set -eu
find caravan function -name '*.java' >sources
javac -encoding UTF-8 -nowarn -d classes -cp 'function/lib/*' @sources
