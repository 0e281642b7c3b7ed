# A function with a go.mod is a module of its own, called handler/function, and may need others.
set -eu
export GOTOOLCHAIN=local
if [ -f function/go.mod ]; then
  go mod edit -require handler/function@v0.0.0 -replace handler/function=./function
  go mod tidy
fi
go build -trimpath -ldflags=-s -o handler .
