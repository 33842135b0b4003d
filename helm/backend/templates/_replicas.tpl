{{/* Not empty if something scales the pods: the HPA, KEDA, or what the user runs while replicaCount is null. */}}
{{- define "backend.autoscaled" -}}
{{- if or .Values.hpa.enabled .Values.scaledObject.enabled (kindIs "invalid" .Values.replicaCount) -}}
true
{{- end -}}
{{- end -}}

{{/* The fewest pods there can be; empty if only an autoscaler of the user's own knows. */}}
{{- define "backend.minReplicas" -}}
{{- if or .Values.hpa.enabled .Values.scaledObject.enabled -}}
{{- int .Values.hpa.minReplicas -}}
{{- else if not (kindIs "invalid" .Values.replicaCount) -}}
{{- int .Values.replicaCount -}}
{{- end -}}
{{- end -}}

{{/*
Who decides how many pods there are, and the number that the Deployment is given, as JSON: `owner` and `replicas`.

An autoscaler's Deployment has no number, which would undo its work at each upgrade. But Helm takes a number that the last
manifest had for deleted when this one has none, and then Kubernetes makes it 1 until the autoscaler looks again. So
where the last manifest had one, and where an autoscaler has just been turned off, the number that is there is kept.
The Deployment's annotation says what its last manifest had:

  values      replicaCount
  autoscaler  none
  kept        the number that was there, for the autoscaler to go on from
*/}}
{{- define "backend.replicas" -}}
{{- $name := include "backend.fullname" . -}}
{{- $live := lookup "apps/v1" "Deployment" .Release.Namespace $name -}}
{{- $last := "" -}}
{{- if $live -}}
{{- $last = dig "metadata" "annotations" "backend-cloud-app/replicas-from" "" $live -}}
{{- if not $last -}}
{{- /* Made by a chart without the annotation, which gave a number unless the HPA was on. */ -}}
{{- $last = lookup "autoscaling/v2" "HorizontalPodAutoscaler" .Release.Namespace $name | empty | ternary "values" "autoscaler" -}}
{{- end -}}
{{- end -}}
{{- if not (include "backend.autoscaled" .) -}}
{{- $replicas := int .Values.replicaCount -}}
{{- if has $last (list "autoscaler" "kept") -}}
{{- $replicas = max $replicas (int $live.spec.replicas) -}}
{{- end -}}
{{- dict "owner" "values" "replicas" $replicas | toJson -}}
{{- else if has $last (list "values" "kept") -}}
{{- dict "owner" "kept" "replicas" (int $live.spec.replicas) | toJson -}}
{{- else -}}
{{- dict "owner" "autoscaler" | toJson -}}
{{- end -}}
{{- end -}}
