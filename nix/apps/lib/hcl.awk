# The value at a path of an HCL file of literals; a list's values, a line each. null and what is commented out are no values.
# awk -v wanted=nodes.max -f hcl.awk FILE; blocks are part of the path, as variable.environments.default.
{ text = text $0 "\n" }

# take(PATTERN) - moves what the rest begins with into token.
function take(pattern) {
  if (!match(text, "^(" pattern ")")) return 0
  token = substr(text, 1, RLENGTH)
  text = substr(text, RLENGTH + 1)
  return 1
}

# A name before = or : is a key; one before a brace, on its line, is of a block's title; any other is a value.
function word(name) {
  if (text ~ /^[ \t]*[=:]([^=]|$)/) {
    key = name
    take("[ \t]*[=:]")
  } else if (key == "" && !listing[depth]) {
    title = title (title == "" ? "" : ".") name
  } else {
    if (name != "null" && join(path[depth], key) == wanted) print name
    if (!listing[depth]) key = ""
  }
}

function join(left, right) { return left (left == "" || right == "" ? "" : ".") right }

END {
  while (text != "") {
    if (take("#[^\n]*|//[^\n]*|[ \t\r,]+")) continue
    if (take("/[*]([^*]|[*]+[^*/])*[*]+/")) continue
    if (take("\n")) key = title = ""
    else if (take("\"([^\"\\\\]|\\\\.)*\"")) word(substr(token, 2, length(token) - 2))
    else if (take("[A-Za-z0-9_.-]+")) word(token)
    else if (take("[][{}()]")) {
      if (token ~ /[[{(]/) {
        path[depth + 1] = join(path[depth], key == "" ? title : key)
        listing[++depth] = token == "["
      } else depth--
      key = title = ""
    } else text = substr(text, 2)
  }
}
