"""Invitations by mail and the domains they may go to."""
