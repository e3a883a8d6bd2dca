"""URLs under /users/."""

from django.urls import path

from ticketflower.lazy_views import LazyViews

accounts = LazyViews("users.views.accounts")
company = LazyViews("users.views.company")
emails = LazyViews("users.views.emails")
invitations = LazyViews("users.views.invitations")
people = LazyViews("users.views.people")
profile = LazyViews("users.views.profile")
roles = LazyViews("users.views.roles")
staff = LazyViews("users.views.staff")
tokens = LazyViews("users.views.tokens")

urlpatterns = [
    path("signup/", accounts.company_signup, name="company_signup"),
    path("login/", accounts.login_page, name="login"),
    path("logout/", accounts.logout_page, name="logout"),
    path("password-reset/", accounts.password_reset, name="password_reset"),
    path("password-reset/<str:token>/", accounts.password_reset_confirm, name="password_reset_confirm"),
    path("confirm/", accounts.confirmation_send, name="confirmation_send"),
    path("confirm/<str:token>/", accounts.email_confirm, name="email_confirm"),
    path("profile/", profile.user_profile, name="user_profile"),
    path("profile/email/", emails.own_email, name="own_email"),
    path("email/<str:token>/", emails.email_change_confirm, name="email_change_confirm"),
    path("people/<int:person_id>/email/", emails.person_email, name="person_email"),
    path("profile/password/", profile.password_change, name="password_change"),
    path("theme/", profile.theme_set, name="theme_set"),
    path("shortcuts/", profile.shortcuts_page, name="shortcuts"),
    path("shortcuts/set/", profile.shortcuts_set, name="shortcuts_set"),
    path("tokens/", tokens.token_list, name="token_list"),
    path("tokens/company/", tokens.company_token_list, name="company_token_list"),
    path("tokens/new/", tokens.token_create, name="token_create"),
    path("tokens/<int:token_id>/delete/", tokens.token_delete, name="token_delete"),
    path("service-accounts/", tokens.service_account_list, name="service_account_list"),
    path("service-accounts/new/", tokens.service_account_create, name="service_account_create"),
    path("service-accounts/<int:person_id>/token/", tokens.service_token_create, name="service_token_create"),
    path("people/", people.people_list, name="people_list"),
    path("people/invite/", invitations.invitation_create, name="invitation_create"),
    path("people/invited/", invitations.invitation_list, name="invitation_list"),
    path("people/<int:person_id>/", people.person_detail, name="person_detail"),
    path("people/<int:person_id>/reactivate/", people.person_reactivate, name="person_reactivate"),
    path("invitations/<int:invitation_id>/resend/", invitations.invitation_resend, name="invitation_resend"),
    path("invitations/<int:invitation_id>/link/", invitations.invitation_link, name="invitation_link"),
    path(
        "invitations/<int:invitation_id>/withdraw/",
        invitations.invitation_withdraw,
        name="invitation_withdraw",
    ),
    path("invitations/accept/<str:token>/", invitations.invitation_accept, name="invitation_accept"),
    path("roles/", roles.role_list, name="role_list"),
    path("roles/new/", roles.role_create, name="role_create"),
    path("roles/<int:role_id>/", roles.role_edit, name="role_edit"),
    path("roles/<int:role_id>/give/", roles.role_give, name="role_give"),
    path("roles/<int:role_id>/delete/", roles.role_delete, name="role_delete"),
    path("company/", company.company_settings, name="company_settings"),
    path("companies/", staff.company_list, name="company_list"),
    path("companies/<int:company_id>/enter/", staff.company_enter, name="company_enter"),
    path("companies/leave/", staff.company_leave, name="company_leave"),
    path("style/", staff.style_page, name="style_page"),
]
