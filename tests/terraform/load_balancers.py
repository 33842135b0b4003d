"""What the load balancer controller makes for an Ingress, and takes away, as far as the root dns looks for it. Ours, no real thing."""

from boto3 import client

CLUSTER, STACK = "elbv2.k8s.aws/cluster", "ingress.k8s.aws/stack"


def make(environment: str, ingress: str) -> None:
    internal = ingress.endswith("-internal")
    ec2, elb = client("ec2"), client("elbv2")
    [vpc] = ec2.describe_vpcs(Filters=[{"Name": "tag:Environment", "Values": [environment]}])["Vpcs"]
    role = f"tag:kubernetes.io/role/{'internal-elb' if internal else 'elb'}"
    subnets = ec2.describe_subnets(Filters=[{"Name": role, "Values": ["1"]}, {"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["Subnets"]
    tags = [{"Key": CLUSTER, "Value": f"{environment}-eks-cluster"}, {"Key": STACK, "Value": f"{environment}/{ingress}"}]
    name, scheme = f"k8s-{environment}-{ingress}"[:32], "internal" if internal else "internet-facing"
    balancer = elb.create_load_balancer(Name=name, Subnets=[s["SubnetId"] for s in subnets], Scheme=scheme, Tags=tags)["LoadBalancers"][0]["LoadBalancerArn"]
    group = elb.create_target_group(Name=name, Protocol="HTTP", Port=8888, VpcId=vpc["VpcId"], TargetType="ip", Tags=tags)["TargetGroups"][0]["TargetGroupArn"]
    elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[{"Type": "forward", "TargetGroupArn": group}])


def remove(environment: str, ingress: str) -> None:
    elb = client("elbv2")
    name = f"k8s-{environment}-{ingress}"[:32]
    for balancer in elb.describe_load_balancers()["LoadBalancers"]:
        if balancer["LoadBalancerName"] == name:
            elb.delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])
    for group in elb.describe_target_groups()["TargetGroups"]:
        if group["TargetGroupName"] == name:
            elb.delete_target_group(TargetGroupArn=group["TargetGroupArn"])
