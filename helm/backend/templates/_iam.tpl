{{- define "backend.accountId" -}}
{{- include "backend.string" .Values.aws.accountId -}}
{{- end -}}

{{- define "backend.roleName" -}}
{{- .Values.aws.irsa.roleName | default (include "backend.environmentName" (list . "backend-irsa-role")) -}}
{{- end -}}

{{/* The part of AWS that the region is in: China and GovCloud have ARNs of their own. */}}
{{- define "backend.partition" -}}
{{- if hasPrefix "cn-" .Values.dynamodb.region -}}
aws-cn
{{- else if hasPrefix "us-gov-" .Values.dynamodb.region -}}
aws-us-gov
{{- else -}}
aws
{{- end -}}
{{- end -}}

{{- define "backend.roleArn" -}}
{{- $role := include "backend.roleName" . -}}
{{- if hasPrefix "arn:" $role -}}
{{- $role -}}
{{- else -}}
{{- printf "arn:%s:iam::%s:role/%s" (include "backend.partition" .) (include "backend.accountId" .) $role -}}
{{- end -}}
{{- end -}}

{{/* Not empty if the chart gives the service account its role. */}}
{{- define "backend.givesRole" -}}
{{- if and .Values.aws.irsa.enabled .Values.serviceAccount.create (not (hasKey .Values.serviceAccount.annotations "eks.amazonaws.com/role-arn")) -}}
true
{{- end -}}
{{- end -}}
