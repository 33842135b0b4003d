//go:build tools

// Package tools pins process-compose: `go install` of a version asks for the list of all, which the module proxy has not.
package tools

import _ "github.com/f1bonacc1/process-compose"
