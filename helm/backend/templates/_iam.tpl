{{/* The account as text. A values file hands a large integer over as a float, which would print as 1.2e+11. */}}
{{- define "backend.accountId" -}}
{{- if kindIs "string" .Values.aws.accountId -}}
{{- .Values.aws.accountId -}}
{{- else -}}
{{- int64 .Values.aws.accountId -}}
{{- end -}}
{{- end -}}

{{- define "backend.roleName" -}}
{{- .Values.aws.irsa.roleName | default (include "backend.environmentName" (list . "backend-irsa-role")) -}}
{{- end -}}

{{- define "backend.roleArn" -}}
{{- $role := include "backend.roleName" . -}}
{{- if hasPrefix "arn:" $role -}}
{{- $role -}}
{{- else -}}
{{- printf "arn:aws:iam::%s:role/%s" (include "backend.accountId" .) $role -}}
{{- end -}}
{{- end -}}
