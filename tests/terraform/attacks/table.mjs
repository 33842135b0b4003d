// What no role may be able to do. A row holds an attack and its twin: vs(of the attack, of the twin) stands at the one attribute in
// which they differ; undefined leaves a context key out, as a missing tag does.
export class Twin {
  constructor(attack, twin) {
    Object.assign(this, { attack, twin })
  }
}

const vs = (attack, twin) => new Twin(attack, twin)
const project = 'backend-cloud-app'
const region = 'eu-west-1'
const account = '123456789012'
const arn = (service, resource) => `arn:aws:${service}:${region}:${account}:${resource}`
const iam = resource => `arn:aws:iam::${account}:${resource}`
const ec2 = kind => arn('ec2', `${kind}/${kind}-0123456789abcdef0`)
const elb = kind => arn('elasticloadbalancing', kind)
const balancer = elb('loadbalancer/app/anything/0123456789abcdef')
const listener = elb('listener/app/anything/0123456789abcdef/0123456789abcdef')
const targets = elb('targetgroup/anything/0123456789abcdef')
const provider = iam(`oidc-provider/oidc.eks.${region}.amazonaws.com/id/CLUSTER`)
const state = path => `arn:aws:s3:::${project}-state-${account}-${region}/${path}`
const group = name => arn('autoscaling', `autoScalingGroup:0123abcd-0123-abcd-0123-0123456789ab:autoScalingGroupName/${name}`)

// The tags that a thing has, and those that a request gives.
const has = (value, tag = 'Environment') => ({ [`aws:ResourceTag/${tag}`]: value })
const gives = (value, tag = 'Environment') => ({ [`aws:RequestTag/${tag}`]: value })

export function attacks(own, other) {
  const rows = []
  const as = role => (name, action, resource, context = {}) => rows.push({ name, role, action, resource, context })
  const inside = environment => environment && iam(`policy/${project}-boundary-${environment}`)
  const bounded = (value = inside(own)) => ({ 'iam:PermissionsBoundary': value })
  const role = (name, environment = own) => iam(`role/${environment}-${name}`)
  const key = name => arn('kms', `key/${project}${name}`)
  const cluster = `${own}-eks-cluster`
  const elsewhere = `${other}-eks-cluster`
  const tag = 'elbv2.k8s.aws/cluster'

  const apply = as(`${project}-apply-${own}`)

  // Keys: another environment's, the shared one, one of somebody else's; and no way to claim one.
  apply('grants another environment\'s key', 'kms:CreateGrant', vs(key(`-${other}-users`), key(`-${own}-users`)), { 'kms:GrantIsForAWSResource': 'true' })
  apply('grants the shared key', 'kms:CreateGrant', vs(key(''), key(`-${own}-cluster`)), { 'kms:GrantIsForAWSResource': 'true' })
  apply('grants its own key to a person', 'kms:CreateGrant', key(`-${own}-users`), { 'kms:GrantIsForAWSResource': vs('false', 'true') })
  for (const name of [`-${own}-users`, `-${other}-users`, '', '-of-somebody']) {
    for (const action of ['TagResource', 'PutKeyPolicy', 'ScheduleKeyDeletion', 'DisableKey', 'UpdateAlias', 'ReplicateKey']) {
      if (action === 'UpdateAlias' && name !== '') continue
      apply(`${action} on a key`, vs(`kms:${action}`, 'kms:DescribeKey'), key(name))
    }
  }
  apply('claims a key by a tag', vs('kms:TagResource', 'kms:DescribeKey'), key('-of-somebody'), gives(own))
  apply('deletes a key that carries its own tag', vs('kms:ScheduleKeyDeletion', 'kms:DescribeKey'), key('-of-somebody'), has(own))
  apply('rewrites the policy of a key that carries its own tag', vs('kms:PutKeyPolicy', 'kms:DescribeKey'), key('-of-somebody'), has(own))
  for (const action of ['AddTagsToCertificate', 'DeleteCertificate', 'ExportCertificate', 'RevokeCertificate']) {
    apply(`${action} on a certificate`, vs(`acm:${action}`, 'acm:DescribeCertificate'), arn('acm', 'certificate/0123abcd'))
  }
  apply('reads prod\'s state with the key, past S3', 'kms:Decrypt', key(''), { 'kms:ViaService': vs(undefined, `s3.${region}.amazonaws.com`) })

  // Roles: made by hand, of another environment, the pipeline's; outside the boundary; given to the wrong service.
  for (const action of ['UpdateAssumeRolePolicy', 'DeleteRole', 'UpdateRole', 'PutRolePolicy', 'DeleteRolePolicy', 'PutRolePermissionsBoundary', 'CreateRole']) {
    apply(`${action} on a role that somebody made by hand`, `iam:${action}`, vs(role('admin'), role('backend-irsa-role')), bounded())
    apply(`${action} on its own name without the boundary`, `iam:${action}`, role('eks-node-role'), bounded(vs(undefined, inside(own))))
  }
  apply('rewrites the trust of another environment\'s role', 'iam:UpdateAssumeRolePolicy', vs(role('eks-node-role', other), role('eks-node-role')), bounded())
  apply('rewrites the trust of the push role', 'iam:UpdateAssumeRolePolicy', vs(iam(`role/${project}-push`), role('eks-node-role')), bounded())
  apply('makes a role in another environment\'s boundary', 'iam:CreateRole', role('backend-irsa-role'), bounded(vs(inside(other), inside(own))))
  apply('takes the boundary off', vs('iam:DeleteRolePermissionsBoundary', 'iam:PutRolePermissionsBoundary'), role('backend-irsa-role'), bounded())
  apply('tags a role of somebody\'s', 'iam:TagRole', vs(role('admin'), role('flow-logs-role')), gives(own))
  apply('attaches AdministratorAccess', 'iam:AttachRolePolicy', role('eks-node-role'), { ...bounded(), 'iam:PolicyARN': vs('arn:aws:iam::aws:policy/AdministratorAccess', 'arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy') })
  apply('attaches to a role without the boundary', 'iam:AttachRolePolicy', role('eks-node-role'), { ...bounded(vs(undefined, inside(own))), 'iam:PolicyARN': 'arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy' })
  apply('detaches from somebody\'s role', 'iam:DetachRolePolicy', vs(role('admin'), role('eks-node-role')), { ...bounded(), 'iam:PolicyARN': 'arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy' })
  apply('passes somebody\'s role to EC2', 'iam:PassRole', vs(role('admin'), role('eks-node-role')), { 'iam:PassedToService': 'ec2.amazonaws.com' })
  apply('passes another environment\'s nodes\' role', 'iam:PassRole', vs(role('eks-node-role', other), role('eks-node-role')), { 'iam:PassedToService': 'eks.amazonaws.com' })
  apply('passes the backend\'s role to instances', 'iam:PassRole', vs(role('backend-irsa-role'), role('eks-node-role')), { 'iam:PassedToService': 'ec2.amazonaws.com' })
  apply('passes the nodes\' role to Lambda', 'iam:PassRole', role('eks-node-role'), { 'iam:PassedToService': vs('lambda.amazonaws.com', 'ec2.amazonaws.com') })
  apply('deletes another cluster\'s identity provider', 'iam:DeleteOpenIDConnectProvider', provider, has(vs(other, own)))
  apply('deletes somebody\'s identity provider', 'iam:DeleteOpenIDConnectProvider', provider, has(vs(undefined, own)))
  apply('claims somebody\'s identity provider', 'iam:TagOpenIDConnectProvider', provider, { ...has(vs(undefined, own)), ...gives(own) })
  apply('makes an identity provider for another', 'iam:CreateOpenIDConnectProvider', provider, gives(vs(other, own)))
  apply('makes another service\'s role', 'iam:CreateServiceLinkedRole', iam('role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS'), { 'iam:AWSServiceName': vs('organizations.amazonaws.com', 'eks.amazonaws.com') })

  // The network: another environment's, somebody else's without tags, and tags as a way to claim or to give away.
  for (const [action, kind] of [['DeleteVpc', 'vpc'], ['DeleteSubnet', 'subnet'], ['DeleteNatGateway', 'natgateway'], ['ReleaseAddress', 'elastic-ip'], ['CreateRoute', 'route-table'], ['ModifyVpcEndpoint', 'vpc-endpoint']]) {
    apply(`${action} in another environment`, `ec2:${action}`, ec2(kind), has(vs(other, own)))
    apply(`${action} on what has no tags`, `ec2:${action}`, ec2(kind), has(vs(undefined, own)))
  }
  apply('claims a VPC of somebody\'s', 'ec2:CreateTags', ec2('vpc'), { ...has(vs(undefined, own)), ...gives(own) })
  apply('claims another environment\'s VPC', 'ec2:CreateTags', ec2('vpc'), { ...has(vs(other, own)), ...gives(own) })
  apply('claims a security group without tags', 'ec2:CreateTags', ec2('security-group'), { ...has(vs(undefined, own)), ...gives(own) })
  apply('gives its own VPC away', 'ec2:CreateTags', ec2('vpc'), { ...has(own), ...gives(vs(other, own)) })
  apply('makes a VPC for another environment', 'ec2:CreateVpc', ec2('vpc'), gives(vs(other, own)))
  apply('makes a subnet in another environment\'s VPC', 'ec2:CreateSubnet', ec2('vpc'), has(vs(other, own)))
  apply('tags what it does not create', 'ec2:CreateTags', ec2('vpc'), { ...gives(own), 'ec2:CreateAction': vs(undefined, 'CreateVpc') })
  apply('takes an address off another environment\'s gateway', 'ec2:DisassociateAddress', ec2('elastic-ip'), has(vs(other, own)))
  apply('runs instances in another environment\'s subnet', 'ec2:RunInstances', ec2('subnet'), has(vs(other, own)))
  apply('runs instances of another environment\'s template', 'ec2:RunInstances', ec2('launch-template'), has(vs(other, own)))
  apply('runs instances without a template', 'ec2:RunInstances', ec2('instance'), { 'ec2:LaunchTemplate': vs(undefined, arn('ec2', 'launch-template/lt-0123456789abcdef0')) })

  // The cluster, the table, logs, records.
  apply('makes itself administrator of another cluster', 'eks:CreateAccessEntry', vs(arn('eks', `cluster/${elsewhere}`), arn('eks', `cluster/${cluster}`)))
  apply('deletes another environment\'s cluster', 'eks:DeleteCluster', vs(arn('eks', `cluster/${elsewhere}`), arn('eks', `cluster/${cluster}`)))
  apply('opens another environment\'s API', 'eks:UpdateClusterConfig', vs(arn('eks', `cluster/${elsewhere}`), arn('eks', `cluster/${cluster}`)))
  apply('makes a cluster that is tagged for another', 'eks:CreateCluster', '*', gives(vs(other, own)))
  apply('deletes another environment\'s table', 'dynamodb:DeleteTable', vs(arn('dynamodb', `table/${other}-users`), arn('dynamodb', `table/${own}-users`)))
  apply('deletes a table that somebody made', 'dynamodb:DeleteTable', vs(arn('dynamodb', `table/${own}-orders`), arn('dynamodb', `table/${own}-users`)))
  apply('reads the users', vs('dynamodb:GetItem', 'dynamodb:DescribeTable'), arn('dynamodb', `table/${own}-users`))
  apply('deletes another environment\'s logs', 'logs:DeleteLogGroup', vs(arn('logs', `log-group:/aws/eks/${elsewhere}/cluster`), arn('logs', `log-group:/aws/eks/${cluster}/cluster`)))
  apply('deletes somebody\'s log delivery', 'logs:DeleteLogDelivery', '*', { 'aws:ViaAWSService': vs('false', 'true') })
  if (own !== 'dev') {
    const zone = 'arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ'
    apply('takes another environment\'s name', 'route53:ChangeResourceRecordSets', zone, { 'route53:ChangeResourceRecordSetsNormalizedRecordNames': vs([`${other}-api.birthdays.test`], [`${own}-api.birthdays.test`]), 'route53:ChangeResourceRecordSetsRecordTypes': ['A'] })
    apply('takes the mail', 'route53:ChangeResourceRecordSets', zone, { 'route53:ChangeResourceRecordSetsNormalizedRecordNames': [`${own}-api.birthdays.test`], 'route53:ChangeResourceRecordSetsRecordTypes': vs(['MX'], ['AAAA']) })
    apply('changes another zone', 'route53:ChangeResourceRecordSets', vs('arn:aws:route53:::hostedzone/Z9999999999SOMEBODYS', zone), { 'route53:ChangeResourceRecordSetsNormalizedRecordNames': [`${own}-api.birthdays.test`], 'route53:ChangeResourceRecordSetsRecordTypes': ['A'] })
  }

  // What stands before the load balancer.
  const named = (environment, rest = '') => `${project}-${environment}${rest}`
  apply('stops another environment\'s alarm', 'cloudwatch:DeleteAlarms', vs(arn('cloudwatch', `alarm:${named(other, '-down')}`), arn('cloudwatch', `alarm:${named(own, '-down')}`)))
  apply('stops somebody\'s alarm', 'cloudwatch:PutMetricAlarm', vs(arn('cloudwatch', `alarm:${own}-payments`), arn('cloudwatch', `alarm:${named(own, '-down')}`)))
  apply('listens to another environment\'s alarms', 'sns:Subscribe', vs(arn('sns', named(other, '-alarms')), arn('sns', named(own, '-alarms'))))
  apply('deletes somebody\'s topic', 'sns:DeleteTopic', vs(arn('sns', `${own}-orders`), arn('sns', named(own, '-alarms'))))
  if (own !== 'dev') {
    const distribution = `arn:aws:cloudfront::${account}:distribution/E0123456789ABC`
    const firewall = name => `arn:aws:wafv2:us-east-1:${account}:global/webacl/${name}/0123abcd`
    const logs = name => `arn:aws:s3:::${project}-access-logs-${name}-${account}`
    const delivery = name => `arn:aws:logs:us-east-1:${account}:delivery-source:${name}`
    apply('turns another environment\'s edge off', 'cloudfront:UpdateDistribution', distribution, has(vs(other, own)))
    apply('deletes a distribution without tags', 'cloudfront:DeleteDistribution', distribution, has(vs(undefined, own)))
    apply('points another environment\'s edge to itself', 'cloudfront:UpdateVpcOrigin', `arn:aws:cloudfront::${account}:vpcorigin/vo_1`, has(vs(other, own)))
    apply('claims another environment\'s distribution', 'cloudfront:TagResource', distribution, { ...gives(own), ...has(vs(other, own)) })
    apply('makes a distribution for another', 'cloudfront:CreateDistribution', '*', gives(vs(other, own)))
    apply('takes another environment\'s firewall down', 'wafv2:UpdateWebACL', vs(firewall(named(other)), firewall(named(own))))
    apply('deletes somebody\'s firewall', 'wafv2:DeleteWebACL', vs(firewall('payments'), firewall(named(own))))
    apply('deletes another environment\'s access logs', 's3:DeleteBucket', vs(logs(other), logs(own)))
    apply('sends another environment\'s access logs elsewhere', 'logs:PutDeliverySource', vs(delivery(named(other)), delivery(named(own))))
  }

  // State, plans, images.
  apply('reads another environment\'s state', 's3:GetObject', vs(state(`env:/${other}/aws.tfstate`), state(`env:/${own}/aws.tfstate`)))
  apply('writes the state of bootstrap', 's3:PutObject', vs(state('bootstrap.tfstate'), state(`env:/${own}/aws.tfstate`)))
  apply('deletes its own state', 's3:DeleteObject', vs(state(`env:/${own}/aws.tfstate`), state(`env:/${own}/aws.tfstate.tflock`)))
  apply('writes the plan that it applies', vs('s3:PutObject', 's3:GetObject'), state(`plans/${own}/aws.tfplan`))
  apply('replaces an image', vs('ecr:PutImage', 'ecr:BatchGetImage'), arn('ecr', `repository/${project}`))

  const plan = as(`${project}-plan`)
  plan('writes a state', 's3:PutObject', vs(state(`env:/${own}/aws.tfstate`), state(`env:/${own}/aws.tfstate.tflock`)))
  plan('deletes a saved plan', vs('s3:DeleteObject', 's3:PutObject'), state(`plans/${own}/aws.tfplan`))
  plan('reads the state of bootstrap', 's3:GetObject', vs(state('bootstrap.tfstate'), state(`env:/${own}/aws.tfstate`)))
  plan('reads the users', vs('dynamodb:GetItem', 'dynamodb:DescribeTable'), arn('dynamodb', `table/${own}-users`))
  plan('reads what somebody\'s role may do', 'iam:GetRolePolicy', vs(role('admin'), role('backend-irsa-role')))
  plan('raises a node group', vs('eks:UpdateNodegroupConfig', 'eks:DescribeNodegroup'), arn('eks', `nodegroup/${cluster}/${own}-nodes/0`))
  plan('stops an alarm', vs('cloudwatch:DeleteAlarms', 'cloudwatch:DescribeAlarms'), arn('cloudwatch', 'alarm:anything'))

  if (own === 'dev') {
    const preview = as(`${project}-preview`)
    preview('reads another environment\'s state', 's3:GetObject', vs(state(`env:/${other}/aws.tfstate`), state('env:/dev/aws.tfstate')))
    preview('reads the cluster\'s release', 's3:GetObject', vs(state('env:/dev/kubernetes.tfstate'), state('env:/dev/dns.tfstate')))
    preview('locks a state', vs('s3:PutObject', 's3:GetObject'), state('env:/dev/aws.tfstate'))
    preview('reads the users', vs('dynamodb:GetItem', 'dynamodb:DescribeTable'), arn('dynamodb', 'table/dev-users'))
  }

  const push = as(`${project}-push`)
  push('deletes an image', vs('ecr:BatchDeleteImage', 'ecr:PutImage'), arn('ecr', `repository/${project}`))
  push('pushes into somebody\'s repository', 'ecr:PutImage', vs(arn('ecr', 'repository/payments'), arn('ecr', `repository/${project}`)))
  push('lets tags move', vs('ecr:PutImageTagMutability', 'ecr:UploadLayerPart'), arn('ecr', `repository/${project}`))

  // A runner of CodeBuild: its project, and what CodeBuild itself may do with it; jobs take the pipeline's roles.
  const projectOf = environment => arn('codebuild', `project/${named(environment)}`)
  const runnerOf = environment => iam(`role/${project}-runner-${environment}`)
  const connection = id => arn('codestar-connections', `connection/00000000-0000-0000-0000-${id}`)
  const [ours, theirs] = [connection('000000000001'), connection('000000000002')]
  apply('rewrites another environment\'s runner', 'codebuild:UpdateProject', vs(projectOf(other), projectOf(own)))
  apply('deletes somebody\'s project', 'codebuild:DeleteProject', vs(arn('codebuild', `project/${own}`), projectOf(own)))
  apply('starts a build past GitHub', vs('codebuild:StartBuild', 'codebuild:UpdateWebhook'), projectOf(own))
  apply('reads a build\'s log', vs('logs:FilterLogEvents', 'logs:PutRetentionPolicy'), arn('logs', `log-group:/aws/codebuild/${named(own)}`))
  apply('passes another environment\'s runner', 'iam:PassRole', vs(runnerOf(other), runnerOf(own)), { 'iam:PassedToService': 'codebuild.amazonaws.com' })
  apply('passes the push role to CodeBuild', 'iam:PassRole', vs(iam(`role/${project}-push`), runnerOf(own)), { 'iam:PassedToService': 'codebuild.amazonaws.com' })
  apply('passes the runner to Lambda', 'iam:PassRole', runnerOf(own), { 'iam:PassedToService': vs('lambda.amazonaws.com', 'codebuild.amazonaws.com') })
  apply('uses somebody\'s connection', 'codestar-connections:PassConnection', vs(theirs, ours))
  apply('deletes the connection', vs('codestar-connections:DeleteConnection', 'codestar-connections:GetConnection'), ours)
  apply('opens another environment\'s security group', 'ec2:AuthorizeSecurityGroupIngress', ec2('security-group'), has(vs(other, own)))
  apply('opens a security group without tags', 'ec2:AuthorizeSecurityGroupIngress', ec2('security-group'), has(vs(undefined, own)))
  apply('opens another cluster\'s own group', 'ec2:AuthorizeSecurityGroupIngress', ec2('security-group'), has(vs(elsewhere, cluster), 'aws:eks:cluster-name'))
  apply('deletes its cluster\'s own group', vs('ec2:DeleteSecurityGroup', 'ec2:RevokeSecurityGroupIngress'), ec2('security-group'), has(cluster, 'aws:eks:cluster-name'))
  apply('makes a security group in another environment\'s VPC', 'ec2:CreateSecurityGroup', ec2('vpc'), has(vs(other, own)))
  apply('makes a security group for another', 'ec2:CreateSecurityGroup', ec2('security-group'), gives(vs(other, own)))
  plan('rewrites a runner', vs('codebuild:UpdateProject', 'codebuild:BatchGetProjects'), projectOf(own))
  plan('reads somebody\'s project', 'codebuild:BatchGetProjects', vs(arn('codebuild', 'project/payments'), projectOf(own)))

  const runner = as(`${project}-runner-${own}`)
  const log = environment => arn('logs', `log-group:/aws/codebuild/${named(environment)}:log-stream:a`)
  runner('writes into another runner\'s log', 'logs:PutLogEvents', vs(log(other), log(own)))
  runner('uses somebody\'s connection', 'codestar-connections:GetConnectionToken', vs(theirs, ours))
  runner('joins another environment\'s network', 'ec2:CreateNetworkInterface', ec2('subnet'), has(vs(other, own)))
  runner('joins a network without tags', 'ec2:CreateNetworkInterface', ec2('subnet'), has(vs(undefined, own)))
  runner('joins another environment\'s security group', 'ec2:CreateNetworkInterface', ec2('security-group'), has(vs(other, own)))
  runner('lends an interface to another service', 'ec2:CreateNetworkInterfacePermission', ec2('network-interface'), { 'ec2:AuthorizedService': vs('lambda.amazonaws.com', 'codebuild.amazonaws.com') })
  runner('attaches an interface', vs('ec2:AttachNetworkInterface', 'ec2:DeleteNetworkInterface'), ec2('network-interface'))
  as(vs(`${project}-runner-${own}`, `${project}-plan`))('reads a state as a runner', 's3:GetObject', state(`env:/${own}/aws.tfstate`))
  as(vs(`${project}-runner-${own}`, `${project}-push`))('pushes as a runner', 'ecr:PutImage', arn('ecr', `repository/${project}`))
  as(vs(`${project}-runner-${own}`, `${project}-apply-${own}`))('describes the table as a runner', 'dynamodb:DescribeTable', arn('dynamodb', `table/${own}-users`))

  const backend = as(`${own}-backend-irsa-role`)
  backend('reads another environment\'s users', 'dynamodb:GetItem', vs(arn('dynamodb', `table/${other}-users`), arn('dynamodb', `table/${own}-users`)))
  for (const action of ['Scan', 'Query', 'DeleteItem', 'UpdateItem', 'DeleteTable', 'ExportTableToPointInTime']) {
    backend(`${action} on the users`, vs(`dynamodb:${action}`, 'dynamodb:PutItem'), arn('dynamodb', `table/${own}-users`))
  }

  const controller = as(`${own}-load-balancer-controller-irsa-role`)
  controller('claims a load balancer without a cluster', 'elasticloadbalancing:AddTags', balancer, { ...gives(cluster, tag), ...has(vs(undefined, cluster), tag) })
  controller('claims another cluster\'s load balancer', 'elasticloadbalancing:AddTags', balancer, { ...gives(cluster, tag), ...has(vs(elsewhere, cluster), tag) })
  controller('tags what it does not create', 'elasticloadbalancing:AddTags', balancer, { ...gives(cluster, tag), 'elasticloadbalancing:CreateAction': vs(undefined, 'CreateLoadBalancer') })
  controller('deletes a load balancer without a cluster', 'elasticloadbalancing:DeleteLoadBalancer', balancer, has(vs(undefined, cluster), tag))
  controller('deletes another cluster\'s load balancer', 'elasticloadbalancing:DeleteLoadBalancer', balancer, has(vs(elsewhere, cluster), tag))
  controller('listens on a load balancer without a cluster', 'elasticloadbalancing:CreateListener', balancer, { ...gives(cluster, tag), ...has(vs(undefined, cluster), tag) })
  controller('adds a rule to another cluster\'s listener', 'elasticloadbalancing:CreateRule', listener, { ...gives(cluster, tag), ...has(vs(elsewhere, cluster), tag) })
  controller('makes a load balancer for another cluster', 'elasticloadbalancing:CreateLoadBalancer', elb('loadbalancer/app/new/0123456789abcdef'), gives(vs(elsewhere, cluster), tag))
  controller('sends another cluster\'s traffic to itself', 'elasticloadbalancing:RegisterTargets', targets, has(vs(elsewhere, cluster), tag))
  controller('opens somebody\'s security group', 'ec2:AuthorizeSecurityGroupIngress', ec2('security-group'), has(vs(undefined, cluster), tag))
  controller('opens another cluster\'s security group', 'ec2:AuthorizeSecurityGroupIngress', ec2('security-group'), has(vs(undefined, 'owned'), `kubernetes.io/cluster/${cluster}`))
  controller('claims a security group', 'ec2:CreateTags', ec2('security-group'), { ...gives(cluster, tag), 'ec2:CreateAction': vs(undefined, 'CreateSecurityGroup') })

  const scaler = as(`${own}-cluster-autoscaler-irsa-role`)
  const scaled = `k8s.io/cluster-autoscaler/${cluster}`
  scaler('scales somebody\'s group', 'autoscaling:SetDesiredCapacity', group('anything'), has(vs(undefined, 'owned'), scaled))
  scaler('ends another cluster\'s nodes', 'autoscaling:TerminateInstanceInAutoScalingGroup', group('anything'), has(vs('shared', 'owned'), scaled))
  scaler('raises a group\'s limit', vs('autoscaling:UpdateAutoScalingGroup', 'autoscaling:SetDesiredCapacity'), group('anything'), has('owned', scaled))

  const cni = as(`${own}-vpc-cni-irsa-role`)
  cni('takes an address from another environment\'s interface', 'ec2:UnassignPrivateIpAddresses', ec2('network-interface'), has(vs(elsewhere, cluster), 'cluster.k8s.amazonaws.com/name'))
  cni('claims an interface', 'ec2:CreateTags', ec2('network-interface'), has(vs(undefined, cluster), 'cluster.k8s.amazonaws.com/name'))
  cni('deletes somebody\'s interface', 'ec2:DeleteNetworkInterface', ec2('network-interface'), has(vs(undefined, own)))

  const keda = as(`${own}-keda-irsa-role`)
  keda('reads the dashboards', vs('cloudwatch:GetDashboard', 'cloudwatch:GetMetricData'), '*', { 'aws:RequestedRegion': region })
  keda('writes metrics', vs('cloudwatch:PutMetricData', 'cloudwatch:GetMetricData'), '*', { 'aws:RequestedRegion': region })

  const collector = as(`${own}-collector-irsa-role`)
  collector('writes into the audit log', 'logs:PutLogEvents', vs(arn('logs', `log-group:/aws/eks/${cluster}/cluster:log-stream:a`), arn('logs', `log-group:/aws/eks/${cluster}/metrics:log-stream:a`)))
  collector('writes another environment\'s metrics', 'logs:PutLogEvents', vs(arn('logs', `log-group:/aws/eks/${elsewhere}/metrics:log-stream:a`), arn('logs', `log-group:/aws/eks/${cluster}/metrics:log-stream:a`)))
  collector('reads logs', vs('logs:GetLogEvents', 'logs:PutLogEvents'), arn('logs', `log-group:/aws/eks/${cluster}/metrics:log-stream:a`))
  return rows
}
