{{/*
What values.schema.json cannot say, or not in a sentence: combinations of values, and forms. Every problem is
reported at once, each on a line that names the value, what it is and the remedy.
*/}}
{{- define "backend.checks" -}}
{{- $problems := concat
  (include "backend.checks.environment" . | fromJsonArray)
  (include "backend.checks.image" . | fromJsonArray)
  (include "backend.checks.irsa" . | fromJsonArray)
  (include "backend.checks.dynamodb" . | fromJsonArray)
  (include "backend.checks.replicas" . | fromJsonArray)
  (include "backend.checks.exposure" . | fromJsonArray)
  (include "backend.checks.pod" . | fromJsonArray)
  (include "backend.checks.metrics" . | fromJsonArray)
-}}
{{- if $problems -}}
{{- fail (printf "\n\n%s\n" (join "\n" $problems)) -}}
{{- end -}}
{{- end -}}

{{- define "backend.checks.environment" -}}
{{- $problems := list -}}
{{- with .Values.environment -}}
{{- if not (regexMatch "^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$" .) -}}
{{- $problems = append $problems (printf "environment is %q: use at most 40 lower case letters, digits and hyphens, as \"dev\"" .) -}}
{{- end -}}
{{- end -}}
{{- toJson $problems -}}
{{- end -}}

{{- define "backend.checks.image" -}}
{{- $problems := list -}}
{{- with .Values.image -}}
{{- if and .digest (not (regexMatch "^sha256:[0-9a-f]{64}$" .digest)) -}}
{{- $problems = append $problems (printf "image.digest is %q: use sha256: and 64 hexadecimal digits" .digest) -}}
{{- end -}}
{{- if and .tag (not (regexMatch "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$" .tag)) -}}
{{- $problems = append $problems (printf "image.tag is %q: use at most 128 letters, digits, and _ . -" .tag) -}}
{{- end -}}
{{- if and (eq .tag "latest") (not .digest) (ne $.Values.environment "local") -}}
{{- $problems = append $problems "image.tag is \"latest\", which names a different image from day to day: give a version, a git revision or image.digest (\"latest\" is for environment \"local\")" -}}
{{- end -}}
{{- end -}}
{{- toJson $problems -}}
{{- end -}}

{{- define "backend.checks.irsa" -}}
{{- $problems := list -}}
{{- if include "backend.givesRole" . -}}
{{- $role := include "backend.roleName" . -}}
{{- $account := include "backend.accountId" . -}}
{{- if hasPrefix "arn:" $role -}}
{{- if not (regexMatch "^arn:(aws|aws-cn|aws-us-gov):iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$" $role) -}}
{{- $problems = append $problems (printf "aws.irsa.roleName is %q: use a role's name, or an ARN as arn:aws:iam::123456789012:role/dev-backend-irsa-role" $role) -}}
{{- end -}}
{{- else -}}
{{- if not (regexMatch "^[A-Za-z0-9+=,.@_/-]+$" $role) -}}
{{- $problems = append $problems (printf "aws.irsa.roleName is %q: use letters, digits, and + = , . @ _ / -" $role) -}}
{{- end -}}
{{- if not $account -}}
{{- $problems = append $problems "aws.accountId is empty: give the 12 digits of the account that owns the role, or its ARN in aws.irsa.roleName, or set aws.irsa.enabled to false" -}}
{{- else if not (regexMatch "^[0-9]{12}$" $account) -}}
{{- $problems = append $problems (printf "aws.accountId is %q: give 12 digits, in quotes if the first is 0" $account) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toJson $problems -}}
{{- end -}}

{{- define "backend.checks.dynamodb" -}}
{{- $problems := list -}}
{{- with .Values.dynamodb -}}
{{- if not (regexMatch "^[A-Za-z0-9_.-]{3,255}$" .table) -}}
{{- $problems = append $problems (printf "dynamodb.table is %q: use 3 to 255 letters, digits, and _ . -" .table) -}}
{{- end -}}
{{- if not (regexMatch "^(https?://[^/?#]+/?)?$" .endpoint) -}}
{{- $problems = append $problems (printf "dynamodb.endpoint is %q: use a URL without a path, as http://dynamodb-local:8000, or leave it empty" .endpoint) -}}
{{- else if regexMatch "^https?://dynamodb\\.[a-z0-9-]+\\.amazonaws\\.com" .endpoint -}}
{{- if ne .region (index (splitList "." .endpoint) 1) -}}
{{- $problems = append $problems (printf "dynamodb.endpoint is %q but dynamodb.region is %q: name one region in both, or leave the endpoint empty" .endpoint .region) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toJson $problems -}}
{{- end -}}
