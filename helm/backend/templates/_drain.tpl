{{/* What the service may take from SIGTERM to its exit, and some to spare: the kubelet kills the pod after it. */}}
{{- define "backend.terminationGracePeriodSeconds" -}}
{{- add .Values.drain.delaySeconds .Values.drain.timeoutSeconds .Values.drain.marginSeconds -}}
{{- end -}}
