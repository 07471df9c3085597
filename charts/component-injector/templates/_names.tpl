{{- define "ci.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "ci.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains (include "ci.name" .) .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "ci.name" .) | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "ci.selectorLabels" -}}
app.kubernetes.io/name: {{ include "ci.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "ci.ownLabels" -}}
{{ include "ci.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: dapr
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "ci.labels" -}}
{{ include "ci.ownLabels" . }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "ci.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "ci.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "ci.image" -}}
{{- .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- with .Values.image.digest }}@{{ . }}{{ end }}
{{- end }}

{{- define "ci.controlPlaneNamespace" -}}
{{- .Values.controlPlane.namespace | default .Release.Namespace }}
{{- end }}

{{/* The ConfigMap with the trust anchors: of the control plane, or one of ours made of the value. */}}
{{- define "ci.trustConfigMap" -}}
{{- if .Values.controlPlane.trustAnchors }}
{{- printf "%s-trust-anchors" (include "ci.fullname" .) }}
{{- else }}
{{- .Values.controlPlane.trustBundleConfigMap }}
{{- end }}
{{- end }}

{{- define "ci.certificateSecret" -}}
{{- if eq .Values.certificate.source "cert-manager" }}
{{- .Values.certificate.secretName | default (printf "%s-serving" (include "ci.fullname" .)) }}
{{- else }}
{{- .Values.certificate.secretName }}
{{- end }}
{{- end }}

{{- define "ci.servingNames" -}}
- {{ include "ci.fullname" . }}.{{ .Release.Namespace }}.svc
- {{ include "ci.fullname" . }}.{{ .Release.Namespace }}.svc.{{ .Values.controlPlane.clusterDomain }}
{{- end }}

{{/* "warn", "deny" or "off": YAML reads a bare off as false. */}}
{{- define "ci.componentValidation" -}}
{{- .Values.componentValidation | default "off" }}
{{- end }}

{{- define "ci.statusAnnotation" -}}
{{- .Values.components.statusAnnotation | default "off" }}
{{- end }}

{{/* "true" or "": whether the server selects pods by itself, so that only pods that ask reach us. */}}
{{- define "ci.matchConditions" -}}
{{- $known := semverCompare ">=1.28.0-0" .Capabilities.KubeVersion.Version }}
{{- if eq .Values.webhook.matchConditions "always" }}true
{{- else if and (eq .Values.webhook.matchConditions "auto") $known }}true
{{- end }}
{{- end }}

{{- define "ci.failurePolicy" -}}
{{- if ne .Values.webhook.failurePolicy "auto" }}
{{- .Values.webhook.failurePolicy }}
{{- else if include "ci.matchConditions" . }}Fail
{{- else }}Ignore
{{- end }}
{{- end }}

{{/* Whether there is more than one replica to spread and to keep. */}}
{{- define "ci.several" -}}
{{- if or (and .Values.autoscaling.enabled (gt (int .Values.autoscaling.minReplicas) 1)) (and (not .Values.autoscaling.enabled) (gt (int .Values.replicas) 1)) }}true{{ end }}
{{- end }}
