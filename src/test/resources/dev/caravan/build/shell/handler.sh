if [ "$Http_Path" = /fail ]; then
  echo no >&2
  exit 3
fi
echo "$Http_Method $Http_Path $Http_Query $Http_X_Who"
tr a-z A-Z
