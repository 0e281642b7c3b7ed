# Runs once per call: body in on stdin, answer out on stdout; headers are variables such as Http_Content_Type.
name=$(cat)
echo "Hello, ${name:-world}."
